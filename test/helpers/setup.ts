/** Runs before each test file: properties draw the same cases in every run, unless a test has a seed of its own. */
import fc from 'fast-check';

fc.configureGlobal({ seed: 1 });
