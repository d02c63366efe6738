import { expect, test } from 'vitest';
import { severityWords } from '../../plugin/mapping/severity.ts';

test("CEF's words for a severity are known by their small-letter form", () => {
  expect([...severityWords]).toEqual([
    ['unknown', 'Unknown'],
    ['low', 'Low'],
    ['medium', 'Medium'],
    ['high', 'High'],
    ['very-high', 'Very-High'],
  ]);
});
