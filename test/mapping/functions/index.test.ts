import { describe, expect, test } from 'vitest';
import { builtInFunctions } from '../../../plugin/mapping/functions/index.ts';

describe.each([...builtInFunctions.values()])('$name', ({ example, call, description }) => {
  test('gives what its own example says', () => {
    expect(call(...example.args)).toEqual(example.result);
  });
  test('has a description for the reference', () => {
    expect(description).toMatch(/\.$/);
  });
});
