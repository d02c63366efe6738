import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { destinationsSchema } from '../../plugin/mapping/destinations-schema.ts';
import { Diagnostics } from '../../plugin/mapping/diagnostic.ts';
import { mappingSchema } from '../../plugin/mapping/mapping-schema.ts';
import { checkShape, compileSchema, schemaRules } from '../../plugin/mapping/shape.ts';
import { YamlSource } from '../../plugin/mapping/yaml-source.ts';

const validate = compileSchema({
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: { type: 'string' },
    mode: { enum: ['first', 'all'] },
    'a/b~c': { type: 'array', items: { type: 'boolean' } },
    parts: { type: 'object', propertyNames: { pattern: '^[a-z]+$' } },
  },
});

function check(text: string) {
  const diagnostics = new Diagnostics();
  const fits = checkShape(new YamlSource('a.yaml', text, diagnostics), validate);
  return {
    fits,
    findings: diagnostics.all.map(({ line, column, message, hint }) => [line, column, message, hint]),
  };
}

test('a file of the right shape has no findings', () => {
  expect(check('name: x\nmode: all')).toEqual({ fits: true, findings: [] });
});

test.each<[text: string, line: number, column: number, message: string, hint: string | undefined]>([
  ['name: x\nmdoe: all', 2, 1, "unknown key 'mdoe'", "did you mean 'mode'?"],
  ['name: x\nsize: 1', 2, 1, "unknown key 'size'", 'allowed here: name, mode, a/b~c, parts'],
  ['mode: all', 1, 1, "this file has no 'name'", undefined],
  ['name: x\nmode: alll', 2, 7, "'mode' is 'alll'", "did you mean 'all'?"],
  ['name: x\nmode: [first]', 2, 7, "'mode' is a list", "did you mean 'first'?"],
  ['name: 5', 1, 7, "'name' must be string, not 5", 'put it in quotes'],
  ['name: true', 1, 7, "'name' must be string, not true", undefined],
  ['name: x\na/b~c: [true, 1]', 2, 15, "entry 2 of 'a/b~c' must be boolean, not 1", undefined],
  [
    'name: x\nparts: { Big: 1 }',
    2,
    10,
    "'Big' can't be used as a name here",
    'use small letters, digits, _ and -',
  ],
])('%j', (text, ...finding) => {
  expect(check(text)).toEqual({ fits: false, findings: [finding] });
});

test('all findings are told at once', () => {
  expect(check('mode: x\nsize: 1\nparts: { A: 1, B: 2 }').findings).toHaveLength(5);
});

test.each([
  ['of mapping files', mappingSchema],
  ['of destinations.yaml', destinationsSchema],
])('the schema %s is one, which is not checked at each start', (_, schema) => {
  const ajv = new Ajv(schemaRules);
  expect(ajv.validateSchema(schema), ajv.errorsText()).toBe(true);
});
