import { Option } from 'commander';
import type { ApplyOptions } from '../../keepers/apply-result.js';

/** The option as commander reads it. */
export interface ReturnOption {
  readonly returnToEarlierLogin?: true;
}

export function returnOption(): Option {
  return new Option(
    '--return-to-earlier-login',
    'also take material of a login that a later one has replaced',
  );
}

/** What the option means for applying. */
export function returnsOf({ returnToEarlierLogin }: ReturnOption): Pick<ApplyOptions, 'returns'> {
  return returnToEarlierLogin === undefined ? {} : { returns: true };
}
