/** Keys, and headers, whose values let in: in Fluent Bit's configuration and in this service's. */
const secretName =
  /token$|secret|passwd|password|^passphrase|api-?_?key|license_key|^shared_key$|^(?:x-)?authorization|^proxy-authorization/i;

/** Whether what a key or header of this name has lets in. @param name of a key in dots the whole path */
export function isSecretName(name: string): boolean {
  return secretName.test(name.split('.').at(-1)!);
}

/** Whether an address is a key itself, as Sumo Logic's is. */
export function isSecretAddress(text: string): boolean {
  return /\/receiver\/v1\/http\/[^/$]{16}/.test(text);
}

/** Stands for `${NAME}`; no configuration has it. */
const reference = '\0';

/**
 * Whether a line of a configuration, in order or not, may show a secret: the name of one stands where a key does, or a
 * header, and what stands behind it does not come from elsewhere. One line too many that is not shown does no harm.
 */
export function mayShowSecret(line: string): boolean {
  if (isSecretAddress(line)) return true;
  const parts = line.replace(/\$\{[^}]+\}/g, reference).split(/[,{}]/);
  return parts.some((part) => {
    const words = part
      .replace(/["'@[\]]/g, ' ')
      .split(/[\s:=]+/)
      .filter((word) => word !== '' && word !== '-');
    // `http_passwd abc`, `header: Authorization Splunk abc`, `@SET TOKEN=abc`; not the path in `suser: $api.token > $a`.
    const name = words.slice(0, 3).findIndex((word) => isSecretName(word) && !word.startsWith('$'));
    return name >= 0 && name < words.length - 1 && !part.includes(reference);
  });
}
