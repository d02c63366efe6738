import type { Command } from '../usage.ts';
import { type Offer, offerFor } from './values.ts';

/** Bash 3.2 and later. What it leaves open, files, is readline's own (`-o default`). */
export function bashScript(commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name);
  return `# bash completion of fluent-bit-siem, printed by: fluent-bit-siem completion bash
_fluent_bit_siem() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} words=
  COMPREPLY=()
  # Of --option=value bash makes three words.
  if [ "$current" = = ]; then current=
  elif [ "$previous" = = ]; then previous=\${COMP_WORDS[COMP_CWORD-2]}; fi
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${[...names, '--help', '--version'].join(' ')}'
  else
    case "\${COMP_WORDS[1]} $previous" in
${commands.flatMap(valueCases).join('\n')}
      *)
        case "\${COMP_WORDS[1]} $current" in
${commands.map(wordCases).join('\n')}
        esac ;;
    esac
  fi
  if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$current")); fi
  # Nothing here is a file.
  compopt +o default 2>/dev/null
  return 0
}
complete -o default -F _fluent_bit_siem fluent-bit-siem
`;
}

/** What may follow an option. */
function valueCases({ name, options }: Command): string[] {
  return Object.entries(options)
    .filter(([, { type }]) => type === 'string')
    .map(([option, one]) => `      '${name} --${option}') ${offered(offerFor(one))} ;;`);
}

/** What else may stand behind a command: its options where a dash is typed, else what it is about. */
function wordCases({ name, options, operand }: Command): string {
  const names = [...Object.keys(options), 'help'].map((option) => `--${option}`).join(' ');
  const offer = offerFor(operand);
  const otherwise = offer === 'nothing' ? `words='${names}'` : offered(offer);
  return `          '${name} -'*) words='${names}' ;;\n          '${name} '*) ${otherwise} ;;`;
}

function offered(offer: Offer): string {
  if (offer === 'files') return 'return 0';
  return offer === 'nothing' ? ':' : `words='${offer.join(' ')}'`;
}
