import { helpOption } from '../help.ts';
import type { Command, Options } from '../usage.ts';
import { offerFor, quoted } from './values.ts';

/** For a file `fluent-bit-siem.fish` in fish's folder of completions. */
export function fishScript(commands: readonly Command[]): string {
  const lines = commands.flatMap(({ name, summary }) => [
    `complete -c fluent-bit-siem -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
  ]);
  return `# fish completion of fluent-bit-siem, printed by: fluent-bit-siem completion fish
complete -c fluent-bit-siem -f
complete -c fluent-bit-siem -n __fish_use_subcommand -l version -d 'the version'
complete -c fluent-bit-siem -n __fish_use_subcommand -s h -l help -d ${quoted(helpOption.about)}
${[...lines, ...commands.flatMap(argumentsOf)].join('\n')}
`;
}

function argumentsOf({ name, options, operand }: Command): string[] {
  const start = `complete -c fluent-bit-siem -n '__fish_seen_subcommand_from ${name}'`;
  const all: Options = { ...options, help: helpOption };
  const lines = Object.entries(all).map(([option, one]) => {
    const offer = one.type === 'boolean' ? '' : ` ${offered(one)}`;
    return `${start} -l ${option}${offer} -d ${quoted(one.about)}`;
  });
  if (operand && offerFor(operand) !== 'nothing') lines.push(`${start} ${offered(operand)}`);
  return lines;
}

/** -r: it takes a value; -F: files; -x: a value that is no file. An operand takes none. */
function offered(one: Parameters<typeof offerFor>[0] & object): string {
  const offer = offerFor(one);
  const isOperand = 'name' in one;
  if (offer === 'files') return isOperand ? '-F' : '-r -F';
  const words = offer === 'nothing' ? '' : ` -a ${quoted(offer.join(' '))}`;
  return `${isOperand ? '' : '-x'}${words}`.trim();
}
