import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { noProblems } from '../../plugin/compile/event.ts';
import { compileMapper } from '../../plugin/compile/mapper.ts';
import { MessageReader } from '../../plugin/fluent/message-reader.ts';
import { MsgpackError } from '../../plugin/fluent/msgpack-scan.ts';
import { ServiceError } from '../../plugin/http/errors.ts';
import { unpackBody } from '../../plugin/http/unpack.ts';
import { readSettings } from '../../plugin/mapping/destinations.ts';
import { Diagnostics, formatDiagnostic } from '../../plugin/mapping/diagnostic.ts';
import { readMappingFile } from '../../plugin/mapping/mapping-file.ts';
import { toYaml } from '../../plugin/mapping/php/to-yaml.ts';
import { PhpSource } from '../../plugin/mapping/php-source.ts';
import { anyKey, anyText } from '../format/arbitraries.ts';
import { secretsOf } from '../helpers.ts';
import { bounded } from './bounds.ts';
import { fateOf } from './check.ts';
import { keys, type Subject, subjects } from './destinations.ts';
import { mutated, mutatedText } from './mutate.ts';
import { packEntry, packedRecord, packMap, packText, wholeValue } from './packed.ts';

/** Something that takes what strangers send. */
export interface Target {
  readonly name: string;
  /** Inputs of the short run. */
  readonly few: number;
  readonly property: fc.IRawProperty<unknown>;
}

/** The name of a subject: it is what a counterexample shows. */
const subject = fc.constantFrom(...subjects.keys());
const shipped = (file: string): string => readFileSync(join(packageRoot, file), 'utf8');

const goodEntry = packEntry(
  packMap([
    [packText('operation'), packText('any')],
    [packText('text'), packText('a neighbour')],
  ]),
);
const goodLine = '{"operation":"any","text":"a neighbour"}';

/** A body of a bad thing between two good ones: these become what they become alone. */
function expectNeighbours(one: Subject, body: Buffer, alone: Buffer): void {
  const fate = fateOf(one, body);
  const [own] = fateOf(one, alone)!.events;
  if (fate?.events[0] !== own || fate?.events.at(-1) !== own) throw new Error('a neighbour is another one');
}

const msgpack = fc.property(
  subject,
  mutated(fc.tuple(packedRecord(keys), fc.boolean()).map(([record, isNew]) => packEntry(record, isNew))),
  (name, entry) => {
    const one = subjects.get(name)!;
    const isWhole = wholeValue(entry, 0) === entry.length && entry.length > 0;
    const fate = fateOf(one, Buffer.concat([goodEntry, entry]));
    if (!isWhole) return;
    if (!fate) throw new Error('records that can be read are refused');
    expectNeighbours(one, Buffer.concat([goodEntry, entry, goodEntry]), goodEntry);
  },
);

const jsonValue = fc.oneof(
  fc.json({ maxDepth: 6 }),
  anyText().map((text) => JSON.stringify(text)),
  fc.bigInt().map(String),
  fc.constantFrom(
    '1e999',
    '-0',
    '12345678901234567890.5',
    '{"a":1,"a":2}',
    '"\\ud83d"',
    '{"__proto__":{"a":1}}',
  ),
  fc
    .tuple(fc.constantFrom('[', '{"a":', '[{"a":', '1234567890123456[['), fc.nat(100_000))
    .map(([unit, depth]) => unit.repeat(depth)),
  fc
    .tuple(fc.constantFrom('1', '"\\u0000', '\\"', ' '), fc.nat(50_000))
    .map(([unit, count]) => unit.repeat(count)),
);
const jsonRecord = fc
  .array(fc.tuple(fc.oneof(fc.constantFrom(...keys), anyKey), jsonValue), { maxLength: 12 })
  .map(
    (pairs) =>
      `{${['"operation":"any"', ...pairs.map(([key, value]) => `${JSON.stringify(key)}:${value}`)]}}`,
  );

const json = fc.property(
  subject,
  mutated(fc.array(jsonRecord, { minLength: 1, maxLength: 3 }).map((records) => Buffer.from(`[${records}]`))),
  (name, body) => {
    fateOf(subjects.get(name)!, body);
  },
);

const ndjson = fc.property(subject, mutated(jsonRecord.map((text) => Buffer.from(text))), (name, line) => {
  const one = subjects.get(name)!;
  const body = Buffer.concat([Buffer.from(`${goodLine}\n`), line, Buffer.from(`\n${goodLine}\n`)]);
  // The three lines together may be one JSON text by chance, which is another body.
  if (line.includes('\n')) fateOf(one, body);
  else expectNeighbours(one, body, Buffer.from(goodLine));
});

/** What Fluent Bit's tail reads without a parser. */
const line = fc.property(subject, mutated(jsonRecord.map((text) => Buffer.from(text))), (name, text) => {
  const content = packText('x'.repeat(text.length));
  text.copy(content, content.length - text.length);
  const entry = packEntry(packMap([[packText('log'), content]]));
  expectNeighbours(subjects.get(name)!, Buffer.concat([goodEntry, entry, goodEntry]), goodEntry);
});

const gzipLimit = 1_000_000;
const packed = fc.oneof(
  fc.array(jsonRecord, { maxLength: 3 }).map((records) => gzipSync(records.join('\n'))),
  // Members behind one another, and what becomes a thousand times as long.
  fc
    .tuple(anyText(), fc.integer({ min: 1, max: 300 }))
    .map(([text, count]) => Buffer.concat(Array.from({ length: count }, () => gzipSync(text)))),
  fc.nat(3_000_000).map((length) => gzipSync(Buffer.alloc(length))),
  fc.nat(3_000_000).map((length) => gzipSync(gzipSync(Buffer.alloc(length)))),
);
const gzip = fc.asyncProperty(mutated(packed), async (body) => {
  try {
    const unpacked = await unpackBody(body, 'gzip', gzipLimit);
    if (unpacked.length > gzipLimit) throw new Error('larger than it may be');
  } catch (error) {
    if (!(error instanceof ServiceError) || ![400, 413].includes(error.statusCode)) throw error;
  }
});

/** A map or a list in another, so often. */
const deepYaml = fc
  .tuple(fc.constantFrom('[', '{a: ', '- ', '? ', '&a [', '!!map {', 'a:\n'), fc.nat(20_000))
  .map(([unit, depth]) => unit.repeat(depth));
const aliases = fc
  .tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }))
  .map(([levels, width]) =>
    Array.from({ length: levels }, (_, level) => {
      const items =
        level === 0
          ? 'x'
          : Array(width)
              .fill(`*a${level - 1}`)
              .join(', ');
      return `a${level}: &a${level} [${items}]\n`;
    }).join(''),
  );
const yamlText = fc.oneof(
  fc.constantFrom(
    shipped('mappings/filecloud/audit.yaml').slice(0, 6000),
    shipped('mappings/filescom/action.yaml').slice(0, 4000),
    '<<: *a\n<<: { a: 1 }\n__proto__: { polluted: 1 }\nconstructor: { prototype: { polluted: 1 } }\n',
    'a: !!js/function "x"\nb: !!binary "/w=="\nc: !!set { a }\nd: !!timestamp 2026-01-01\ne: !<tag:x> 1\n%YAML 1.1\n',
  ),
  { weight: 1, arbitrary: deepYaml },
  { weight: 1, arbitrary: aliases },
  { weight: 1, arbitrary: anyText(200) },
);

const readAs = (file: string) => (text: string) => {
  bounded(() => {
    const diagnostics = new Diagnostics();
    const set = readMappingFile(file, text, diagnostics);
    for (const one of diagnostics.all) formatDiagnostic(one);
    if (set) compileMapper([set])({ operation: 'any', text: 'x' }, '', 0, noProblems());
    else if (!diagnostics.hasErrors) throw new Error('refused without a word');
  });
};

const yaml = fc.property(mutatedText(yamlText), readAs('map.yaml'));

const phpText = fc.oneof(
  fc.constantFrom(
    shipped('test/data/filecloud/auditmap.php').slice(0, 5000),
    "<?php $mappings[] = ['id' => 'a', 'map' => []];",
  ),
  fc
    .tuple(
      fc.constantFrom(
        '[',
        'array(',
        '(',
        '-',
        '!',
        "'a' . ",
        '$a[',
        '{$a',
        "'",
        '"',
        '/*',
        '<<<A\n',
        '\\',
        '?',
        "'\\'",
      ),
      fc.nat(3000),
    )
    .map(([unit, depth]) => `<?php $mappings[] = ${unit.repeat(depth)}`),
);
const php = fc.property(mutatedText(phpText), (text) => {
  readAs('map.php')(text);
  bounded(() => {
    const { mappings, comments } = new PhpSource('map.php', text, new Diagnostics());
    toYaml(mappings, comments);
  });
});

const settings = fc.property(
  mutatedText(
    fc.oneof(
      fc.constantFrom(shipped('mappings/destinations.yaml'), shipped('mappings/examples/cef.yaml')),
      deepYaml,
      aliases,
    ),
  ),
  (text) => {
    bounded(() => {
      const diagnostics = new Diagnostics();
      const context = { secrets: secretsOf(), version: '1.2.3', hostname: 'gw1' };
      const result = readSettings('destinations.yaml', text, diagnostics, context);
      if (!result && !diagnostics.hasErrors) throw new Error('refused without a word');
    });
  },
);

/** What Fluent Bit's place may be taken by, in pieces as they come. */
const peer = fc.property(
  mutated(packedRecord(['ack'])),
  fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 8 }),
  (bytes, sizes) => {
    bounded(() => {
      const reader = new MessageReader();
      let count = 0;
      try {
        for (let at = 0, index = 0; at < bytes.length; index++) {
          const next = Math.min(bytes.length, at + sizes[index % sizes.length]!);
          for (const message of reader.read(bytes.subarray(at, next))) count += message.length;
          at = next;
        }
      } catch (error) {
        if (!(error instanceof MsgpackError)) throw error;
      }
      if (count > bytes.length) throw new Error('more than came');
    });
  },
);

/** All that reads what it can't trust. */
export const targets: readonly Target[] = [
  { name: 'msgpack', few: 300, property: msgpack },
  { name: 'line', few: 120, property: line },
  { name: 'json', few: 60, property: json },
  { name: 'ndjson', few: 120, property: ndjson },
  { name: 'gzip', few: 60, property: gzip },
  { name: 'yaml', few: 25, property: yaml },
  { name: 'php', few: 40, property: php },
  { name: 'settings', few: 20, property: settings },
  { name: 'peer', few: 100, property: peer },
];
