/**
 * Fills in `${NAME}` and `${NAME:-default}` as Fluent Bit does (flb_env_var_translate).
 *
 * @param own what the configuration itself sets, by @SET or `env:`
 * @returns undefined when a variable is not set here: Fluent Bit's environment may be another one
 */
export function translate(
  text: string,
  own: ReadonlyMap<string, string>,
  environment: NodeJS.ProcessEnv,
): string | undefined {
  let isKnown = true;
  const value = text.replace(/\$\{([^}]+)\}/g, (_whole, content: string) => {
    const [, name = content, fallback] = /^([^:]*):-(.*)$/s.exec(content) ?? [];
    const found = own.get(name) ?? environment[name] ?? fallback;
    if (found === undefined) isKnown = false;
    return found ?? '';
  });
  return isKnown ? value : undefined;
}
