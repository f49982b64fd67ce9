/**
 * Property tests try the same inputs in every run, so that a change is judged by the change; FC_SEED
 * gives others.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_261_125) });
