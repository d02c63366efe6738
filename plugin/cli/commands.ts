import type { Command } from './usage.ts';

/** In the order of the overview. Loaded when it is their turn: a command needs a part of the program only. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve.ts')).serve,
  validate: async () => (await import('./validate.ts')).validate,
  try: async () => (await import('./try.ts')).tryCommand,
  sample: async () => (await import('./sample.ts')).sample,
  import: async () => (await import('./import.ts')).importCommand,
  status: async () => (await import('./control.ts')).status,
  test: async () => (await import('./control.ts')).test,
  pause: async () => (await import('./control.ts')).pause,
  resume: async () => (await import('./control.ts')).resume,
  replay: async () => (await import('./replay.ts')).replay,
  doctor: async () => (await import('./doctor.ts')).doctor,
  demo: async () => (await import('./demo.ts')).demo,
  completion: async () => (await import('./completion.ts')).completionOf(allCommands),
};

/** All of them: for who tells about them, not for who runs one. */
export function allCommands(): Promise<Command[]> {
  return Promise.all(Object.values(commands).map((load) => load()));
}
