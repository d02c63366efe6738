import { signal } from '@preact/signals';

/** What stands behind the # of the address: `/`, `/mappings`. */
export const path = signal(current());

function current(): string {
  return location.hash.slice(1) || '/';
}

addEventListener('hashchange', () => {
  path.value = current();
});
