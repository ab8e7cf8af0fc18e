// Runs a script that the bundler made.
import { createRequire } from "node:module";

createRequire(import.meta.url)(process.argv[3]);
