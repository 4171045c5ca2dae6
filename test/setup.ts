import fc from 'fast-check';
import { inject } from 'vitest';

// The only place where chance comes from. A property that fails names this seed, and the path to its smallest counterexample.
fc.configureGlobal({ seed: inject('seed') });
