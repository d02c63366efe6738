import type { RecordSource } from './filecloud-mix.ts';
import { seededRandom } from './random.ts';

/** How many of a thousand records; some fail. */
const actions: readonly (readonly [name: string, weight: number])[] = [
  ['read', 420],
  ['create', 250],
  ['login', 130],
  ['destroy', 60],
  ['move', 50],
  ['copy', 40],
  ['failedlogin', 50],
];
const users = ['m.ros', 'a.kowalski@partner.example.net', 'nightly-export', 'müller'];
const interfaces = ['web', 'restapi', 'desktop', 'sftp', 'mobile'];
const failures = ['expired_or_deleted', 'username_not_found', 'password_mismatch', 'locked_out'];
const folders = ['Payroll', 'Payroll/2026/03', 'Clients/Ferrari & Söhne/inbox', 'exports'];

/** @param place from 0 to the sum of all weights */
function chosen(place: number): string {
  let rest = place;
  for (const [name, weight] of actions) {
    rest -= weight;
    if (rest < 0) return name;
  }
  return actions[0]![0];
}

/** History records of Files.com as its log store has them. Keys are those of its public examples; the weights are an estimate. */
export function filesComMix(seed: number): RecordSource {
  const dice = seededRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(dice() * list.length)]!;
  const total = actions.reduce((sum, [, weight]) => sum + weight, 0);
  let time = Date.parse('2026-03-02T08:00:00Z');
  return () => {
    const action = chosen(dice() * total);
    const folder = pick(folders);
    const number = Math.floor(dice() * 1e6);
    const isLogin = action === 'login' || action === 'failedlogin';
    time += Math.floor(dice() * 400);
    return {
      action,
      created_at: new Date(time).toISOString(),
      destination: action === 'move' || action === 'copy' ? `archive/${folder}/scan-${number}.pdf` : null,
      failure_type: action === 'failedlogin' ? pick(failures) : 'none',
      folder: isLogin ? null : folder,
      interface: pick(interfaces),
      ip: `203.0.113.${Math.floor(dice() * 254) + 1}`,
      metadata_dm_id: isLogin ? null : number,
      parent_metadata_dm_id: isLogin ? null : 600,
      path: isLogin ? null : `${folder}/scan-${number}.pdf`,
      region: 'us-east-1',
      site_id: 77,
      src: null,
      user_id: 40 + Math.floor(dice() * 20),
      user_is_from_parent_site: false,
      username: pick(users),
    };
  };
}
