import { Diagnostics } from '../mapping/diagnostic.ts';
import { YamlSource } from '../mapping/yaml-source.ts';

/**
 * destinations.yaml as far as it says what events are. Where a secret would lead to, a word in its place is no address,
 * size or sign.
 */
export function withoutConnections(file: string, text: string): string {
  const content = new YamlSource(file, text, new Diagnostics()).value as {
    functions?: string;
    destinations: Record<string, Record<string, unknown>>;
  };
  const destinations = Object.entries(content.destinations).map(
    ([name, { deliver: _, forward: __, batch: ___, ...destination }]) => {
      const isSecret = (value: unknown): boolean => typeof value === 'string' && value.includes('${');
      const { record_limit: limit, leef } = destination as {
        record_limit?: unknown;
        leef?: { delimiter?: unknown };
      };
      if (isSecret(limit)) delete destination.record_limit;
      if (isSecret(leef?.delimiter)) destination.leef = { ...leef, delimiter: undefined };
      return [name, destination];
    },
  );
  return JSON.stringify({ functions: content.functions, destinations: Object.fromEntries(destinations) });
}
