import type { Rule } from '../installation.ts';
import { inputRules } from './inputs.ts';
import { outputRules } from './outputs.ts';
import { routingRules } from './routing.ts';
import { secretRules } from './secrets.ts';
import { serviceRules } from './service.ts';
import { toServiceRules } from './to-service.ts';

/** Everything that is looked at in the configuration, by code. */
export const rules: readonly Rule[] = [
  ...serviceRules,
  ...inputRules,
  ...toServiceRules,
  ...routingRules,
  ...outputRules,
  ...secretRules,
];
