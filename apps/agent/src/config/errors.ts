import { LongreachError } from '@longreach/kit';

/** Catalogue of configuration errors; codes are never reused. */
export const ConfigErrorCode = {
  /** The text is no JSON. */
  NotJson: 7001,
  /** A key is unknown, missing, of the wrong type or out of range. */
  Invalid: 7002,
} as const;
export type ConfigErrorCode = (typeof ConfigErrorCode)[keyof typeof ConfigErrorCode];

/** One place in a configuration that is not as it should be. */
export type ConfigIssue = {
  /** Such as `streams_config[1].fps`; empty for the whole text. */
  path: string;
  message: string;
};

/** A configuration was refused; the message names every place. */
export class ConfigError extends LongreachError {
  readonly issues: readonly ConfigIssue[];

  constructor(code: ConfigErrorCode, issues: readonly ConfigIssue[]) {
    const text = issues.map(({ path, message }) => (path ? `${path}: ${message}` : message));
    super(code, `configuration refused: ${text.join('; ')}`, { details: { issues } });
    this.name = 'ConfigError';
    this.issues = issues;
  }
}
