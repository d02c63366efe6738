import { accessSync, constants, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where control groups of the first version bound CPU (Linux, sched-bwc); who is not root may not. */
const root = '/sys/fs/cgroup/cpu';
/** Microseconds. Short, so that a process never waits long for its next share. */
const period = 10_000;

/** Whether processes can be given part of a core here. */
export function hasCpuQuotas(): boolean {
  try {
    accessSync(join(root, 'cpu.cfs_quota_us'), constants.R_OK);
    accessSync(root, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Gives each of some processes a part of a core.
 *
 * @param share of a core, 0 to 1
 * @returns takes it back; to be called when they have ended
 */
export function limitCpu(pids: readonly number[], share: number): () => void {
  const groups = pids.map((pid) => {
    const group = join(root, `fluent-bit-siem-bench-${pid}`);
    mkdirSync(group);
    writeFileSync(join(group, 'cpu.cfs_period_us'), String(period));
    writeFileSync(join(group, 'cpu.cfs_quota_us'), String(Math.round(period * share)));
    writeFileSync(join(group, 'cgroup.procs'), String(pid));
    return group;
  });
  return () => {
    for (const group of groups) rmdirSync(group);
  };
}
