/** Where there is a File System Access API: people choose the place, and are asked before a file is replaced. */
interface Picker {
  readonly showSaveFilePicker?: (options: unknown) => Promise<{
    createWritable(): Promise<{ write(text: string): Promise<void>; close(): Promise<void> }>;
    readonly name: string;
  }>;
}

const types = [{ description: 'Mapping file', accept: { 'text/yaml': ['.yaml', '.yml'] } }];

/** Whether people can choose where a file is saved; otherwise it is downloaded. */
export const canChoosePlace = 'showSaveFilePicker' in globalThis;

/**
 * Saves a text on the person's own machine.
 *
 * @returns the name it was saved under; undefined when they changed their mind
 */
export async function save(name: string, text: string): Promise<string | undefined> {
  const suggestedName =
    name
      .split(/[\\/]/)
      .at(-1)!
      .replace(/\.php$/i, '.yaml') || 'mapping.yaml';
  const { showSaveFilePicker } = globalThis as Picker;
  if (!showSaveFilePicker) return download(suggestedName, text);
  try {
    const handle = await showSaveFilePicker({ suggestedName, types });
    const writable = await handle.createWritable();
    await writable.write(text);
    await writable.close();
    return handle.name;
  } catch (error) {
    if ((error as DOMException).name === 'AbortError') return undefined;
    throw error;
  }
}

/** @returns the name */
export function download(name: string, text: string): string {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/yaml' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
  return name;
}
