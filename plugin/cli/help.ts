import type { Description, Operand, Option } from './usage.ts';

/** Columns of a help text. */
const width = 80;
const indent = '  ';
/** Characters of a term that still has a column. */
const widestTerm = 26;

/** What every command has besides its own options. */
export const helpOption: Option = { type: 'boolean', about: 'this text' };

/** The sections of a command's help, in the order of a man page. */
export interface HelpSection {
  readonly title: string;
  readonly rows: readonly (readonly [term: string, about: string])[];
}

/** The whole help text of the program, without a line break at the end. */
export function renderOverview(commands: readonly Pick<Description, 'name' | 'summary'>[]): string {
  const sections: HelpSection[] = [
    { title: 'Commands', rows: commands.map(({ name, summary }) => [name, summary]) },
    {
      title: 'Options',
      rows: [
        ['-h, --help', `${helpOption.about}; behind a command, that command's own`],
        ['--version', 'the version'],
      ],
    },
    {
      title: 'Exit codes',
      rows: [
        ['0', 'fine'],
        ['1', 'findings: what they are, says each command'],
        ['2', 'wrong use'],
      ],
    },
    {
      title: 'Examples',
      rows: [
        ['fluent-bit-siem try --destination splunk audit.ndjson', 'what Splunk would get of these records'],
        ['fluent-bit-siem doctor', 'whether all is as it should be, and what to do'],
      ],
    },
  ];
  return [
    'Usage: fluent-bit-siem COMMAND [OPTIONS]',
    'The companion service that makes Fluent Bit speak SIEM.',
    ...sections.map(textOf),
    'Results go to stdout, diagnostics to stderr. The documents begin at docs/README.md.',
  ].join('\n\n');
}

/** The whole help text of a command, without a line break at the end. */
export function renderHelp(command: Description): string {
  const sections = sectionsOf(command).map(textOf);
  return [`Usage: ${usageLine(command)}`, paragraphs(command.description), ...sections].join('\n\n');
}

function textOf({ title, rows }: HelpSection): string {
  return `${title}:\n${table(rows)}`;
}

/** Everything behind the description. */
export function sectionsOf(command: Description): HelpSection[] {
  const { operand, options, environment = {}, files = {}, exits, examples } = command;
  const sections: HelpSection[] = [
    { title: 'Operand', rows: operand ? [[operandText({ ...operand, required: true }), operand.about]] : [] },
    {
      title: 'Options',
      rows: [
        ...Object.entries(options).map(
          ([name, option]) => [term(name, option), aboutOption(option)] as const,
        ),
        ['-h, --help', helpOption.about],
      ],
    },
    { title: 'Environment', rows: Object.entries(environment) },
    { title: 'Files', rows: Object.entries(files) },
    {
      title: 'Exit codes',
      rows: [
        ['0', exits[0]],
        ['1', exits[1]],
        ['2', 'wrong use'],
      ],
    },
    { title: 'Examples', rows: examples },
  ];
  return sections.filter(({ rows }) => rows.length > 0);
}

/** `fluent-bit-siem try --destination NAME [--config FILE] [FILE]`, over several lines where it is long. */
export function usageLine({ name, options, operand }: Description): string {
  const words = Object.entries(options).map(([option, one]) => {
    const text = term(option, one);
    return `${one.required ? text : `[${text}]`}${one.multiple ? '...' : ''}`;
  });
  if (operand) words.push(operandText(operand));
  const start = `fluent-bit-siem ${name} `;
  return wrap(words, width - 'Usage: '.length - start.length)
    .map((line, index) => (index === 0 ? start : ' '.repeat('Usage: '.length + start.length)) + line)
    .join('\n')
    .trimEnd();
}

function term(name: string, { type, value, choices }: Option): string {
  return type === 'boolean' ? `--${name}` : `--${name} ${value ?? choices?.join('|') ?? 'VALUE'}`;
}

function operandText({ name, required, multiple, choices }: Operand): string {
  const text = `${choices ? choices.join('|') : name}${multiple ? '...' : ''}`;
  return required ? text : `[${text}]`;
}

function aboutOption({ about, value, choices, default: preset }: Option): string {
  // Where the term has a word for the value instead of all that it may be.
  const words = value && choices ? `: ${choices.join(', ')}` : '';
  return `${about}${words}${preset === undefined ? '' : ` (default: ${preset})`}`;
}

/** Terms in one column and what is said of them in another: below a term that is longer than its column. */
function table(rows: HelpSection['rows']): string {
  const lengths = rows.map(([term]) => term.length).filter((length) => length <= widestTerm);
  const column = lengths.length > 0 ? indent.length + Math.max(...lengths) + 3 : 6;
  return rows
    .map(([term, about]) => {
      const lines = wrap(about.split(' '), width - column).map((line) => ' '.repeat(column) + line);
      const start = `${indent}${term}`;
      if (start.length + 3 > column) return [start, ...lines].join('\n');
      return [start.padEnd(column) + lines[0]!.slice(column), ...lines.slice(1)].join('\n');
    })
    .join('\n');
}

function paragraphs(text: string): string {
  return text
    .split('\n\n')
    .map((one) => (one.startsWith(' ') ? one : wrap(one.split(/\s+/), width).join('\n')))
    .join('\n\n');
}

/** Words in lines of at most so many characters; a longer word has a line of its own. */
function wrap(words: readonly string[], most: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
