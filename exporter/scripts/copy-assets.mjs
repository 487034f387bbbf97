// Puts beside the compiled code what the compiler leaves out: the SQL of the migrations.
import { cpSync } from 'node:fs';

cpSync(new URL('../src/store/migrations', import.meta.url), new URL('../dist/store/migrations', import.meta.url), {
  recursive: true,
});
