// A property test that fails has killed its mutant: the smallest example is of no interest here, and may take minutes.
import fc from "fast-check";

fc.configureGlobal({ endOnFailure: true });
