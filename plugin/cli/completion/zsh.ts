import { helpOption } from '../help.ts';
import type { Command, Operand, Option, Options } from '../usage.ts';
import { offerFor, quoted } from './values.ts';

/** For a file `_fluent-bit-siem` in `fpath`, and to be sourced. */
export function zshScript(commands: readonly Command[]): string {
  const described = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  return `#compdef fluent-bit-siem
# zsh completion of fluent-bit-siem, printed by: fluent-bit-siem completion zsh
_fluent_bit_siem() {
  local curcontext=$curcontext state line
  local -a commands
  commands=(
${described.join('\n')}
  )
  _arguments -C '--help[${helpOption.about}]' '--version[the version]' '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe -t commands command commands ;;
    argument)
      case $words[1] in
${commands.map(argumentsOf).join('\n')}
      esac ;;
  esac
}
if [ "$funcstack[1]" = _fluent_bit_siem ]; then _fluent_bit_siem "$@"; else compdef _fluent_bit_siem fluent-bit-siem; fi
`;
}

function argumentsOf({ name, options, operand }: Command): string {
  const all: Options = { ...options, help: helpOption };
  const specs = Object.entries(all).map(([option, one]) => optionSpec(option, one));
  if (operand) specs.push(operandSpec(operand));
  return `        ${name})\n          _arguments ${specs.map(quoted).join(' \\\n            ')} ;;`;
}

function optionSpec(name: string, option: Option): string {
  const about = option.about.replace(/[[\]:\\]/g, '\\$&');
  const flag = `${option.multiple ? '*' : ''}--${name}`;
  if (option.type === 'boolean') return `${flag}[${about}]`;
  return `${flag}=[${about}]:${option.value ?? name}:${action(option)}`;
}

function operandSpec(operand: Operand): string {
  return `${operand.multiple ? '*' : ''}:${operand.name}:${action(operand)}`;
}

function action(one: Option | Operand): string {
  const offer = offerFor(one);
  if (offer === 'files') return '_files';
  return offer === 'nothing' ? ' ' : `(${offer.join(' ')})`;
}
