import { type GoalResult } from './goals.js';

/** Why a goal is not reached, where that is known: by the work, and what the goal is about. */
const REASONS: Readonly<Record<string, string>> = {};

/** Why a goal is not reached. */
export function reasonFor({ work, goal }: GoalResult): string {
  return REASONS[`${work} ${goal.kind}`] ?? 'No reason is known yet.';
}
