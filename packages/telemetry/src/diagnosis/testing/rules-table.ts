import { rules } from '../all-rules.ts';

/** The tables of the page about diagnosis: how each fault is told, and what comes of it. A line each. */
export function rulesTables(): string[] {
  const told = rules.map(({ stage, cause, summary, when }) => [
    stage,
    `\`${cause}\``,
    summary,
    when,
  ]);
  const done = rules.map(({ cause, explains, advice }) => [
    `\`${cause}\``,
    [...new Set(explains)].map((effect) => `\`${effect}\``).join(' '),
    advice,
  ]);
  return [
    ...table(['stage', 'fault', 'what is wrong', 'said when'], told),
    '',
    ...table(['fault', 'brings about', 'what to do'], done),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}
