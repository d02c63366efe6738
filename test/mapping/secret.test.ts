import { describe, expect, test } from 'vitest';
import { Diagnostics } from '../../plugin/mapping/diagnostic.ts';
import { resolveSecrets } from '../../plugin/mapping/secret.ts';
import { YamlSource } from '../../plugin/mapping/yaml-source.ts';
import { firstLines, secretsOf } from '../helpers.ts';

const secrets = secretsOf({ TOKEN: 't0ken', EMPTY: '', TRICKY: "x', admin: 'y" }, { '/run/key': 'k3y' });

function resolve(text: string) {
  const diagnostics = new Diagnostics();
  const source = new YamlSource('d.yaml', text, diagnostics);
  return { value: resolveSecrets(source, source.value, secrets), diagnostics };
}

test.each([
  ["a: '${TOKEN}'", { a: 't0ken' }],
  ["a: 'Splunk ${TOKEN}/${TOKEN}'", { a: 'Splunk t0ken/t0ken' }],
  ["a: '${file:/run/key}'", { a: 'k3y' }],
  ["a: [{ b: '${TOKEN}' }]", { a: [{ b: 't0ken' }] }],
  ["a: 'x${EMPTY}'", { a: 'x' }],
  ["a: '$TOKEN $ {TOKEN} ${TOKEN'", { a: '$TOKEN $ {TOKEN} ${TOKEN' }],
  ["'${TOKEN}': 1", { '${TOKEN}': 1 }],
  ['a: 1\nb: true\nc: null', { a: 1, b: true, c: null }],
])('%s', (text, expected) => {
  const { value, diagnostics } = resolve(text);
  expect(value).toEqual(expected);
  expect(diagnostics.all).toEqual([]);
});

test('a value can not change the structure of the file', () => {
  expect(resolve("{ a: '${TRICKY}' }").value).toEqual({ a: "x', admin: 'y" });
});

test('a value that looks like a reference stays as it is', () => {
  const source = new YamlSource('d.yaml', "a: '${A}'", new Diagnostics());
  expect(resolveSecrets(source, source.value, secretsOf({ A: '${B} $&', B: 'b' }))).toEqual({ a: '${B} $&' });
});

describe('what is missing is an error at its place, all of it at once', () => {
  test('and keeps its reference', () => {
    const { value, diagnostics } = resolve("a: '${NOPE}'\nb: ['${file:/nope} ${ALSO}']");
    expect(value).toEqual({ a: '${NOPE}', b: ['${file:/nope} ${ALSO}'] });
    expect(firstLines(diagnostics)).toEqual([
      'd.yaml:1:4: error M015: the environment has no NOPE',
      "d.yaml:2:5: error M015: the file /nope can't be read",
      'd.yaml:2:5: error M015: the environment has no ALSO',
    ]);
    expect(diagnostics.all[0]!.hint).toBe('set NOPE before the service starts');
  });
});
