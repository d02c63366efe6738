/** One run of one subject in one scenario. */
export interface Measurement {
  readonly recordsPerSecond: number;
  /** Microseconds of user and system time, all threads and children counted. */
  readonly cpuPerRecord: number;
  /** Bytes resident at most. */
  readonly peakMemory: number;
}
