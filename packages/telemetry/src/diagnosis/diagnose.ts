import { confidenceOfBlame, confidenceOfHealth } from './confidence.ts';
import { detect, type Seen } from './detections.ts';
import { causesOf, type Explained, explain } from './explain.ts';
import type { DiagnosisInput } from './input.ts';
import { type StreamView, viewOf } from './view.ts';
import {
  type Cause,
  type Consequence,
  type Finding,
  type Remark,
  stages,
  type Verdict,
} from './vocabulary.ts';

/** From here on a fault is as bad as any: among such, the first on the way is to blame. */
const severe = 0.6;

/**
 * Names the stage to blame first. Pure and deterministic; never throws on figures, whatever they are. How it ranks:
 * docs/5-explain/diagnosis.md. Rules: SPEC.md D1 to D19.
 */
export function diagnose(input: Pick<DiagnosisInput, 'streams'>): Verdict {
  const views = input.streams
    .map((stream) => viewOf(stream))
    .sort((one, other) => one.streamId - other.streamId);
  const seen = views.map((view) => ({ view, all: detect(view) }));
  const explained = seen.flatMap(({ view, all }) => explain(view, all.filter(isFinding)));
  const { findings, consequences } = separate(explained);
  const remarks = remarksOf(seen.flatMap(({ all }) => all));
  return {
    stage: findings[0]?.stage ?? 'healthy',
    findings,
    consequences,
    remarks,
    confidence: confidenceOf(views, findings, remarks),
  };
}

/** Roots by rank, and what follows from each. */
function separate(explained: readonly Explained[]): Pick<Verdict, 'findings' | 'consequences'> {
  const groups = Map.groupBy(explained, ({ finding }) => finding.rule.cause);
  const merged = new Map(
    [...groups].map(([cause, all]) => [cause, merge(all.map((one) => one.finding))]),
  );
  const causes = new Map<Cause, readonly Cause[]>();
  for (const [cause, all] of groups) {
    const stage = all[0]?.finding.rule.stage ?? 'camera';
    causes.set(cause, causesOf(stage, all));
  }
  const isRoot = (cause: Cause) => (causes.get(cause)?.length ?? 0) === 0;
  const ranked = [...merged.values()].sort(compareRank);
  const findings = ranked.filter(({ cause }) => isRoot(cause));
  const rootOf = (cause: Cause) =>
    findings.find((root) => leadsTo(root.cause, cause, causes))?.cause ?? cause;
  const consequences: Consequence[] = ranked
    .filter(({ cause }) => !isRoot(cause))
    .map((finding) => ({ ...finding, explainedBy: rootOf(finding.cause) }));
  return { findings, consequences };
}

/** Whether `root` is among the causes of `cause`, at whatever remove. What explains what has no cycles. */
function leadsTo(root: Cause, cause: Cause, causes: ReadonlyMap<Cause, readonly Cause[]>): boolean {
  return (causes.get(cause) ?? []).some((by) => by === root || leadsTo(root, by, causes));
}

/** Severe before slight; among equals the first on the way, then the more severe one. */
function compareRank(one: Finding, other: Finding): number {
  return (
    Number(isSevere(other)) - Number(isSevere(one)) ||
    stages.indexOf(one.stage) - stages.indexOf(other.stage) ||
    other.severity - one.severity ||
    Number(one.cause > other.cause) - Number(one.cause < other.cause)
  );
}

/** One finding of what several streams show: the worst one's figures. */
function merge(all: readonly Seen[]): Finding {
  const worst = all.reduce((most, one) => (one.severity > most.severity ? one : most));
  const { rule, severity, evidence } = worst;
  return {
    stage: rule.stage,
    cause: rule.cause,
    summary: rule.summary,
    severity: Math.round(severity * 100) / 100,
    evidence,
    advice: rule.advice,
    streamIds: all.map(({ streamId }) => streamId),
  };
}

/** What a finding brings about is no news, nor is a picture that stood still when somebody is blamed for it. */
function remarksOf(seen: readonly Seen[]): Remark[] {
  const found = seen.filter(isFinding);
  const known = new Set<Cause>(found.flatMap(({ rule }) => [...rule.explains, rule.cause]));
  if (found.length > 0) known.add('frozen');
  const shown = seen.filter((one) => !isFinding(one) && !known.has(one.rule.cause));
  return [...Map.groupBy(shown, ({ rule }) => rule.cause).values()]
    .map((all): Remark => {
      const reason = all.some(({ as }) => as === 'noEffect') ? 'noEffect' : 'once';
      return { ...merge(all), reason };
    })
    .sort(compareRank);
}

function confidenceOf(
  views: readonly StreamView[],
  findings: readonly Finding[],
  remarks: readonly Remark[],
): number {
  const [blamed, rival] = findings;
  const isFrozen = remarks.some(({ cause }) => cause === 'frozen');
  if (!blamed) return confidenceOfHealth(views, isFrozen);
  const view = views.find(({ streamId }) => blamed.streamIds.includes(streamId));
  const isClose = rival !== undefined && isSevere(rival) === isSevere(blamed);
  return view ? confidenceOfBlame(view, blamed, isClose) : 0;
}

function isSevere({ severity }: Finding): boolean {
  return severity >= severe;
}

function isFinding({ as }: Seen): boolean {
  return as === 'finding';
}
