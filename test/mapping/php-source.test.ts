import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../plugin/cli/package-root.ts';
import { Diagnostics } from '../../plugin/mapping/diagnostic.ts';
import { readMappingFile } from '../../plugin/mapping/mapping-file.ts';
import { toYaml } from '../../plugin/mapping/php/to-yaml.ts';
import { PhpSource } from '../../plugin/mapping/php-source.ts';
import { firstLines } from '../helpers.ts';

function read(text: string): { mappings: unknown[]; findings: string[]; source: PhpSource } {
  const diagnostics = new Diagnostics();
  const source = new PhpSource('map.php', text, diagnostics);
  const { mappings } = source.value as { mappings: unknown[] };
  return { mappings, findings: firstLines(diagnostics), source };
}

const a = "['id' => 'a']";
const b = "['id' => 'b']";

test.each([
  ['one after the other', `$mappings[] = ${a};\n$mappings[] = ${b};`],
  ['after an empty list', `<?php\n$mappings = [];\n$mappings[] = ${a};\n$mappings[] = ${b};`],
  ['after an empty array()', `<?php\n$mappings = array();\n$mappings[] = ${a};\n$mappings[] = ${b};`],
  ['all at once', `<?php\n$mappings = [\n  ${a},\n  ${b},\n];`],
  ['all at once, the long way', "$mappings = array(array('id' => 'a'), array('id' => 'b'));"],
  ['returned', `<?php\nreturn [${a}, ${b}];`],
  ['and returned', `<?php\n$mappings[] = ${a};\n$mappings[] = ${b};\nreturn $mappings;`],
  ['with a namespace', `<?php\nnamespace App\\Siem;\n$mappings[] = ${a};\n$mappings[] = ${b};`],
  ['with a namespace in braces', `<?php\nnamespace App { $mappings[] = ${a};\n$mappings[] = ${b}; }`],
  [
    'with use and declare',
    `<?php\ndeclare(strict_types=1);\nuse App\\SysAlert;\nuse App\\{C, D};\n$mappings = [${a}, ${b}];`,
  ],
  ['with global', `<?php\nglobal $mappings;\n$mappings = [${a}, ${b}];`],
  ['with ?> at the end', `<?php $mappings = [${a}, ${b}]; ?>\n`],
  ['with the lines of an old Mac', `<?php\r$mappings[] = ${a};\r$mappings[] = ${b};\r`],
])('mappings are read %s', (_, text) => {
  expect(read(text)).toMatchObject({ mappings: [{ id: 'a' }, { id: 'b' }], findings: [] });
});

describe('a statement that is no mapping is an error that names it, and the mappings around it are read:', () => {
  test.each([
    ["system('rm -rf /');", 'map.php:2:1: error M006: a function call is no mapping'],
    ['$other = [];', 'map.php:2:1: error M006: only $mappings is read'],
    ['$other[] = [];', 'map.php:2:1: error M006: only $mappings is read'],
    [`$mappings[0] = ${a};`, 'map.php:2:1: error M006: only $mappings is read'],
    [`$mappings['x'] = ${a};`, 'map.php:2:1: error M006: only $mappings is read'],
    ["$mappings .= 'x';", 'map.php:2:1: error M006: only $mappings is read'],
    ['$mappings[] = $other;', 'map.php:2:15: error M006: a variable is no mapping'],
    ["$mappings[] = 'login';", 'map.php:2:15: error M006: a text is no mapping'],
    ['$mappings[] = 5;', 'map.php:2:15: error M006: a number is no mapping'],
    ['$mappings[] = makeMap();', 'map.php:2:15: error M006: a function call is no mapping'],
    [
      `$mappings = array_merge($mappings, [${a}]);`,
      'map.php:2:13: error M006: a function call is no mapping',
    ],
    ['if (true) { $x = 1; }', 'map.php:2:1: error M006: a condition is no mapping'],
    ['foreach ($a as $b) {}', 'map.php:2:1: error M006: a loop is no mapping'],
    ['function f() {}', 'map.php:2:1: error M006: a function is no mapping'],
    ['class SysAlert {}', 'map.php:2:1: error M006: a class is no mapping'],
    ["echo 'x';", 'map.php:2:1: error M006: an output is no mapping'],
    ["include 'other.php';", 'map.php:2:1: error M006: another file is no mapping'],
    ["define('A', 1);", 'map.php:2:1: error M006: a function call is no mapping'],
    ["const A = 'x';", 'map.php:2:1: error M006: a constant is no mapping'],
    ['exit;', 'map.php:2:1: error M006: an exit is no mapping'],
  ])('%s', (statement, finding) => {
    const { mappings, findings } = read(`$mappings[] = ${a};\n${statement}\n$mappings[] = ${b};\n`);
    expect(findings).toEqual([expect.stringContaining(finding)]);
    expect(mappings).toEqual([{ id: 'a' }, { id: 'b' }]);
  });

  test('a return of anything else', () => {
    const { findings } = read(`$mappings[] = ${a};\nreturn array_reverse($mappings);\n`);
    expect(findings).toEqual([
      'map.php:2:8: error M006: a function call is no mapping: write $mappings[] = [...]',
    ]);
  });

  test('text outside of <?php', () => {
    const { mappings, findings } = read(`<html>\n<?php $mappings[] = ${a}; ?>\n`);
    expect(findings).toEqual(['map.php:1:1: error M006: text outside of <?php is left out']);
    expect(mappings).toHaveLength(1);
  });
});

test("<?php inside a text is no PHP's beginning", () => {
  expect(read("$mappings[] = ['id' => '<?php'];")).toMatchObject({
    mappings: [{ id: '<?php' }],
    findings: [],
  });
});

test('what is broken in one mapping keeps no finding of another from being told', () => {
  const { mappings, findings } = read(`$mappings[] = [
  'id' => 'a'
  'map' => $x,
];
$mappings[] = [
  'id' 'b',
];
$mappings[] = [
  'id' => 'c',
  'id' => getenv('C'),
];
`);
  const places = findings.map((finding) => finding.split(' ', 3).slice(0, 3).join(' '));
  expect(places.sort()).toEqual(
    [
      'map.php:10:3: error M006:',
      'map.php:10:11: error M006:',
      'map.php:2:14: warning M002:',
      'map.php:3:12: error M006:',
      'map.php:6:8: error M002:',
    ].sort(),
  );
  expect(mappings).toHaveLength(2);
});

test('a warning does not keep a file from being used', () => {
  const diagnostics = new Diagnostics();
  const text = `$mappings[] = [
  'id' => 'a'
  'map' => ['eventClass' => 'c', 'eventName' => 'n', 'severity' => 2]
];`;
  expect(readMappingFile('map.php', text, diagnostics)!.mappings).toHaveLength(1);
  expect(firstLines(diagnostics)).toEqual(['map.php:2:14: warning M002: a comma is missing here']);
});

test('what the schema and the language find has its place in the PHP file', () => {
  const diagnostics = new Diagnostics();
  const text = `$mappings[] = [
    'id' => 'a',
    'map' => [
        'eventClass' => '$a..b',
        'eventName' => [[Helper::class, 'nope'], []],
        'severity' => 11,
        'extention' => []
    ]
];`;
  expect(readMappingFile('MAP.PHP', text, diagnostics)).toBeUndefined();
  expect(firstLines(diagnostics)).toEqual(["MAP.PHP:7:9: error M003: unknown key 'extention'"]);
  const more = new Diagnostics();
  readMappingFile('map.php', text.replace('extention', 'extension'), more);
  expect(
    firstLines(more)
      .map((line) => line.split(': ')[0])
      .sort(),
  ).toEqual(['map.php:4:25', 'map.php:5:41', 'map.php:6:23']);
});

test('a place is that of the nearest thing that is there', () => {
  const { source } = read(`$mappings[] = ['id' => 'a',\n  'map' => ['x' => 1]];`);
  expect(source.span(['mappings', 0, 'map', 'x'])).toMatchObject({ line: 2, column: 20 });
  expect(source.span(['mappings', 0, 'map', 'x'], 'key')).toMatchObject({ line: 2, column: 13 });
  expect(source.span(['mappings', 0, 'map', 'none'])).toMatchObject({ line: 2, column: 12 });
  expect(source.span(['mappings', 7])).toMatchObject({ line: 1, column: 1 });
  expect(source.span([])).toMatchObject({ line: 1 });
});

test('nothing of the text is ever executed', () => {
  const trace = join(tmpdir(), `fluent-bit-siem-executed-${process.pid}`);
  rmSync(trace, { force: true });
  const node = `require("fs").writeFileSync("${trace}", "")`;
  const { mappings, findings } = read(`<?php
system('touch ${trace}');
\`touch ${trace}\`;
file_put_contents('${trace}', '');
eval("file_put_contents('${trace}', '');");
$mappings[] = ['id' => system('touch ${trace}'), 'b' => \`touch ${trace}\`];
$mappings[] = ['id' => '\${${node}}', 'c' => '<?php system("touch ${trace}");'];
`);
  expect(existsSync(trace)).toBe(false);
  expect(findings.length).toBeGreaterThanOrEqual(6);
  expect(mappings.at(-1)).toEqual({ id: `\${${node}}`, c: `<?php system("touch ${trace}");` });
});

describe('whatever happens to a file, its findings are told at places that it has', () => {
  const samples = ['auditmap.php', 'systemalertsmap.php'].map((name) =>
    readFileSync(join(packageRoot, 'test', 'data', 'filecloud', name), 'utf8'),
  );
  const piece = fc.oneof(
    fc.constantFrom(...`'"\\$[](){};,=>.?<#/*-+&|!@~\`^%: \n\t\r\0\u00a0\u2028az09_é`),
    fc.constantFrom('<?php', '?>', '<<<EOT\n', '/*', '*/', '//', '\r\n', '😀', '\ud800', '$mappings'),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  /** Deletes some characters somewhere and puts others there. */
  const mutation = fc.record({ at: fc.nat(), deleted: fc.nat(30), put: fc.option(piece, { nil: '' }) });
  const mutated = fc
    .tuple(fc.constantFrom(...samples), fc.array(mutation, { minLength: 1, maxLength: 6 }))
    .map(([sample, mutations]) =>
      mutations.reduce((text, { at, deleted, put }) => {
        const start = at % (text.length + 1);
        return text.slice(0, start) + put + text.slice(start + deleted);
      }, sample),
    );

  function check(text: string): void {
    const diagnostics = new Diagnostics();
    const source = new PhpSource('map.php', text, diagnostics);
    readMappingFile('map.php', text, diagnostics);
    toYaml(source.mappings, source.comments);
    const lines = text.split(/\r\n?|\n/);
    for (const { line, column, message } of diagnostics.all) {
      expect(lines[line - 1], `${line}:${column} ${message}`).toBeDefined();
      expect(column).toBeGreaterThanOrEqual(1);
      expect(column, message).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
      expect(message).not.toMatch(/\n\s+at |undefined|\[object/);
    }
  }

  test("FileCloud's own files, changed at random", () => {
    fc.assert(fc.property(mutated, check), { numRuns: 200 });
  });

  test('any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), check));
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join('')),
        check,
      ),
    );
  });
});
