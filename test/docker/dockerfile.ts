/** One instruction of a Dockerfile: its continued lines are one. */
export interface Instruction {
  readonly name: string;
  /** What follows the name, without flags. */
  readonly text: string;
  /** `--from=build` as `from`: `build`. */
  readonly flags: ReadonlyMap<string, string>;
}

/** A build stage, from its FROM to the next one. */
export interface Stage {
  readonly image: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

const known = /^(?:FROM|WORKDIR|COPY|RUN|ENV|USER|VOLUME|HEALTHCHECK|ENTRYPOINT|CMD)$/;

/**
 * Reads a Dockerfile.
 *
 * @throws Error at an instruction it does not know, which a test should then learn
 */
export function readDockerfile(text: string): Stage[] {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*(?:#|$)/.test(line))
    .join('\n')
    .replace(/\\\n\s*/g, ' ')
    .split('\n');
  const stages: { image: string; name: string | undefined; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    if (!known.test(name)) throw new Error(`no instruction that is known here: ${line}`);
    if (name === 'FROM') {
      const [, image = '', as] = /^(\S+)(?: AS (\S+))?$/.exec(rest) ?? [];
      stages.push({ image, name: as, instructions: [] });
      continue;
    }
    const flags = new Map<string, string>();
    const content = rest.replace(/--([\w-]+)=(\S+)\s+/g, (_whole, key: string, value: string) => {
      if (name === 'RUN') return _whole;
      flags.set(key, value);
      return '';
    });
    stages.at(-1)!.instructions.push({ name, text: content.trim(), flags });
  }
  return stages;
}
