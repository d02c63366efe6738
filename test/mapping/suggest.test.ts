import { expect, test } from 'vitest';
import { nearest, suggestion } from '../../plugin/mapping/suggest.ts';

const known = ['eventClass', 'eventName', 'severity', 'extension', 'id'];

test.each([
  ['eventclass', 'eventClass'],
  ['evntName', 'eventName'],
  ['severtiy', 'severity'],
  ['extensions', 'extension'],
  ['extentsion', 'extension'],
  ['ID', 'id'],
])('%s is a slip of the pen for %s', (word, meant) => {
  expect(nearest(word, known)).toBe(meant);
});

test.each(['unknown_function', 'name', 'ix', '', 'class'])(
  'nothing is near %j: a bad guess is worse than none',
  (word) => {
    expect(nearest(word, known)).toBeUndefined();
  },
);

test('the hint is the near word, or else everything that is allowed', () => {
  expect(suggestion('severty', known)).toBe("did you mean 'severity'?");
  expect(suggestion('colour', known)).toBe('allowed here: eventClass, eventName, severity, extension, id');
});

test('of two words at the same distance the first is taken', () => {
  expect(nearest('cat', ['car', 'can'])).toBe('car');
});
