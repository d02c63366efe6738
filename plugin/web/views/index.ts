import type { ComponentType } from 'preact';

export interface View {
  /** Behind the # of the address. */
  readonly path: string;
  readonly title: string;
  /** Its part of the program, fetched when it is first looked at. */
  readonly load: () => Promise<ComponentType>;
}

/** What the page has, in the order of its menu. */
export const views: readonly View[] = [
  { path: '/', title: 'State', load: async () => (await import('./state.tsx')).StateView },
  { path: '/mappings', title: 'Mappings', load: async () => (await import('./mappings.tsx')).MappingsView },
  {
    path: '/workbench',
    title: 'Workbench',
    load: async () => (await import('../workbench/workbench.tsx')).WorkbenchView,
  },
];
