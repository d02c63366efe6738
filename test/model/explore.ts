/** Something that may happen: its name, and whom it happens to. Printed, it is a line of a trace. */
export type Action = readonly [name: string, ...to: (string | number)[]];

/**
 * A system of which each state is plain JSON with its keys in one order, so that its text tells it from all others.
 * What may go wrong is bounded by the state itself: the model is finite.
 */
export interface Model<State> {
  readonly initial: State;
  /** All that may happen in a state. */
  actions(state: State): Action[];
  /** Changes a state to the one after it. */
  apply(state: State, action: Action): void;
  /** What is wrong with a state; undefined when nothing is. */
  wrongWith(state: State): string | undefined;
  /** Everything is delivered that was to be. */
  isGoal(state: State): boolean;
  /** Names of what nobody may rely on to happen: from every state there must be a way to a goal without it. */
  readonly faults: ReadonlySet<string>;
}

interface Edge {
  readonly action: Action;
  readonly to: number;
}

/** Every state that can be reached, in the order in which a breadth-first search finds them. */
export interface Graph {
  /** Each state as JSON. */
  readonly states: readonly string[];
  readonly edges: readonly (readonly Edge[])[];
  readonly transitions: number;
  /** Steps to the state that is farthest away. */
  readonly depth: number;
  /** The shortest way to each state: all actions from the first state. */
  pathTo(state: number): Action[];
}

/** A way from the first state to one that is wrong, or that no delivery follows. */
export class Counterexample extends Error {
  readonly trace: readonly Action[];

  constructor(what: string, trace: readonly Action[], state: string) {
    const steps = trace.map((action, index) => `  ${index + 1}. ${action.join(' ')}`);
    super(`${what}, after\n${steps.join('\n')}\nin the state ${state}`);
    this.trace = trace;
  }
}

/**
 * Visits every state of a model, breadth first, so that what is found wrong has the shortest trace.
 *
 * @param mostStates a model with more is not what it was meant to be
 * @throws Counterexample
 */
export function explore<State>(model: Model<State>, mostStates = 5_000_000): Graph {
  const states = [JSON.stringify(model.initial)];
  const known = new Map([[states[0]!, 0]]);
  const edges: Edge[][] = [];
  const cameFrom: { from: number; action: Action }[] = [];
  const depths = [0];
  let transitions = 0;
  const pathTo = (state: number): Action[] => {
    const path: Action[] = [];
    for (let at = state; at > 0; at = cameFrom[at]!.from) path.push(cameFrom[at]!.action);
    return path.reverse();
  };
  for (let from = 0; from < states.length; from++) {
    const text = states[from]!;
    const out: Edge[] = [];
    for (const action of model.actions(JSON.parse(text))) {
      const state: State = JSON.parse(text);
      model.apply(state, action);
      const after = JSON.stringify(state);
      let to = known.get(after);
      if (to === undefined) {
        to = states.length;
        if (to >= mostStates) throw new Error(`more than ${mostStates} states`);
        states.push(after);
        known.set(after, to);
        cameFrom[to] = { from, action };
        depths[to] = depths[from]! + 1;
        const wrong = model.wrongWith(state);
        if (wrong !== undefined) throw new Counterexample(wrong, pathTo(to), after);
      }
      out.push({ action, to });
      transitions++;
    }
    edges.push(out);
  }
  const graph = { states, edges, transitions, depth: depths.at(-1)!, pathTo };
  const stuck = firstStuck(model, graph);
  if (stuck !== undefined)
    throw new Counterexample('nothing leads on to delivery', pathTo(stuck), states[stuck]!);
  return graph;
}

/** The first state from which no goal can be reached unless something goes wrong. */
function firstStuck<State>(model: Model<State>, { states, edges }: Graph): number | undefined {
  const before: number[][] = states.map(() => []);
  for (const [from, out] of edges.entries())
    for (const { action, to } of out) if (!model.faults.has(action[0])) before[to]!.push(from);
  const isGood = states.map((text) => model.isGoal(JSON.parse(text)));
  const open = [...isGood.keys()].filter((state) => isGood[state]);
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    for (const from of before[state]!) {
      if (isGood[from]) continue;
      isGood[from] = true;
      open.push(from);
    }
  }
  const stuck = isGood.indexOf(false);
  return stuck < 0 ? undefined : stuck;
}

/**
 * Ways through a graph that together take every transition at least once: to the first that is not yet taken by the
 * shortest way, and on along others that are not.
 */
export function* walks({ edges, pathTo }: Graph): Generator<Action[]> {
  const next = edges.map(() => 0);
  for (let start = 0; start < edges.length; start++) {
    while (next[start]! < edges[start]!.length) {
      const walk = pathTo(start);
      for (let at = start; next[at]! < edges[at]!.length; ) {
        const { action, to } = edges[at]![next[at]!]!;
        next[at]!++;
        walk.push(action);
        at = to;
      }
      yield walk;
    }
  }
}

/** Ways of a drawn length through a model, not all of whose states need be known. */
export function* randomWalks<State>(
  model: Model<State>,
  count: number,
  longest: number,
  random: () => number,
): Generator<Action[]> {
  for (let number = 0; number < count; number++) {
    const state: State = structuredClone(model.initial);
    const walk: Action[] = [];
    while (walk.length < longest) {
      const actions = model.actions(state);
      if (actions.length === 0) break;
      const action = actions[Math.floor(random() * actions.length)]!;
      model.apply(state, action);
      walk.push(action);
    }
    yield walk;
  }
}
