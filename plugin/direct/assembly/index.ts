export { writeLine } from './line';
export { openedAt, openLog } from './log';
export { objectSize, writeObject } from './object';
export { run } from './run';
export { scan } from './scan';
export { skip } from './skip';
export { isAscii } from './text';

/** The first address that is free. */
export function free(): usize {
  return __heap_base;
}
