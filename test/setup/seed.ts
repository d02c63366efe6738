import fc from 'fast-check';

// Property tests draw the same cases each time, so that a change is judged by what it changed.
// `FAST_CHECK_SEED=random npm test` draws others; a number draws those again.
const wanted = process.env.FAST_CHECK_SEED ?? '20261122';
fc.configureGlobal(wanted === 'random' ? {} : { seed: Number(wanted) });
