const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** `12,345`. */
export function number(value: number): string {
  return whole.format(value);
}

/** `12.3K`, for an axis. */
export function shortNumber(value: number): string {
  return short.format(value);
}

/** `240 ms`, `1.2 s`. @param milliseconds also 0 */
export function shortTime(milliseconds: number): string {
  return milliseconds < 1000 ? `${short.format(milliseconds)} ms` : `${short.format(milliseconds / 1000)} s`;
}

/** `5 s`, `3 min`, `2 h 10 min`, `3 d 4 h`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `14:03:21`, and with the date when it is not today's. @param moment ISO 8601 or epoch milliseconds */
export function clock(moment: string | number): string {
  const date = new Date(moment);
  const time = date.toLocaleTimeString('en-GB');
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? time : `${date.toLocaleDateString('en-CA')} ${time}`;
}
