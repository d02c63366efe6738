import { bashScript } from './completion/bash.ts';
import { fishScript } from './completion/fish.ts';
import { zshScript } from './completion/zsh.ts';
import { type Command, command, exit } from './usage.ts';

const shells = ['bash', 'zsh', 'fish'] as const;

const scripts: Readonly<Record<string, (commands: readonly Command[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** @param all the commands that are completed, loaded only when a script is asked for */
export const completionOf = (all: () => Promise<Command[]>): Command =>
  command(
    {
      name: 'completion',
      summary: 'a script for your shell that completes commands, options and files',
      description: `Prints a completion script, made from the tables by which the commands read their own options: print it again
after an upgrade.`,
      operand: { name: 'SHELL', required: true, choices: shells, about: 'the shell it is for' },
      options: {},
      exits: ['it is printed', 'it could not be written'],
      examples: [
        ['source <(fluent-bit-siem completion bash)', 'in ~/.bashrc'],
        ['fluent-bit-siem completion zsh > "${fpath[1]}/_fluent-bit-siem"', 'for zsh, before compinit'],
        ['fluent-bit-siem completion fish > ~/.config/fish/completions/fluent-bit-siem.fish', 'for fish'],
      ],
    },
    async (_values, [shell]) => {
      process.stdout.write(scripts[shell!]!(await all()));
      return exit.fine;
    },
  );
