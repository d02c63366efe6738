import type { Child } from '../../plugin/cli/demo/fluent-bit.ts';

const running = new Set<Child>();

/** Sees to it that a child ends with this process, however that ends short of kill -9. @returns the child */
export function endsWithUs(child: Child): Child {
  running.add(child);
  void child.exited.then(() => running.delete(child));
  return child;
}

process.on('exit', () => {
  for (const child of running) child.process.kill('SIGKILL');
});
