import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** `getconf CLK_TCK`: what /proc counts time in. */
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/**
 * Microseconds of CPU, user and system, that a process and its children have had: all their threads, and those
 * that have ended (proc(5), stat: utime and stime).
 */
export function cpuTime(pid: number): number {
  return sumOverTree(pid, (one) => {
    // The second field is the name in parentheses, which may hold spaces.
    const fields = readFileSync(`/proc/${one}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1e6;
  });
}

/** Most bytes that were resident at a time (VmHWM); of a process with children, of the largest. */
export function peakMemory(pid: number): number {
  return Math.max(...processTree(pid).map((one) => statusBytes(one, 'VmHWM')));
}

/** Bytes resident now (VmRSS); of a process with children, of the largest. */
export function residentMemory(pid: number): number {
  return Math.max(...processTree(pid).map((one) => statusBytes(one, 'VmRSS')));
}

function statusBytes(pid: number, field: string): number {
  const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status(pid)) ?? [];
  return Number(kilobytes ?? 0) * 1024;
}

function status(pid: number): string {
  return readFileSync(`/proc/${pid}/status`, 'utf8');
}

function sumOverTree(pid: number, measure: (pid: number) => number): number {
  return processTree(pid).reduce((sum, one) => sum + measure(one), 0);
}

/** A process, its children and theirs. */
export function processTree(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) => childrenOf(pid, thread));
  return [pid, ...children.flatMap(processTree)];
}

function childrenOf(pid: number, thread: string): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number);
  } catch {
    return []; // A thread that ended meanwhile has none.
  }
}
