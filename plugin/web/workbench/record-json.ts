/** A number JavaScript would round has at least 16 digits in a row. */
const mayBeRounded = /\d{16}/;

/** The same JSON, indented; as it is where it is none, or a number would lose digits. */
export function indentedJson(text: string): string {
  if (mayBeRounded.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** A `$path` of a record, and what it holds. */
export interface RecordPath {
  readonly path: string;
  readonly shown: string;
}

const mostPaths = 400;
const deepest = 5;
const longestShown = 40;
const plainKey = /^[^.[\]>\s'"]+$/;

/** The paths of a record, as a map has them; JSON in texts is opened, as the service does. */
export function pathsOf(text: string): readonly RecordPath[] {
  const paths: RecordPath[] = [];
  const add = (value: unknown, path: string, depth: number): void => {
    if (paths.length >= mostPaths) return;
    const content = opened(value);
    if (path !== '$') paths.push({ path, shown: shown(value) });
    if (content === null || typeof content !== 'object' || depth >= deepest) return;
    for (const [key, inner] of Object.entries(content)) add(inner, joined(path, key), depth + 1);
  };
  add(parsed(text.trimStart().split('\n{')[0]!), '$', 0);
  return paths;
}

function joined(path: string, key: string): string {
  if (!plainKey.test(key)) return `${path}[${key.includes("'") ? `"${key}"` : `'${key}'`}]`;
  return path === '$' ? `$${key}` : `${path}.${key}`;
}

function opened(value: unknown): unknown {
  return typeof value === 'string' && /^\s*[[{]/.test(value) ? (parsed(value) ?? value) : value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}
