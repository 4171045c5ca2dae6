import type { Carrier } from '../doors/carriers/carrier.ts';
import type { ScriptResult } from '../doors/carriers/run-script.ts';

/** Why a script over a carrier brought nothing, as the end of a sentence. */
export function carrierFailure({ file, args }: Carrier, result: ScriptResult, deadlineMs: number): string {
  const said = result.stderr.trim().split('\n').at(-1) ?? '';
  const words = said === '' ? '' : `: ${said.slice(0, 200)}`;
  switch (result.status) {
    case 'missing':
      return `${file} is not installed here`;
    case 'timed-out':
      return `it did not end within ${deadlineMs / 1000} s`;
    case 'flooded':
      return 'it printed more than any answer, and was ended';
    case 'cancelled':
      return 'it was stopped';
    default: {
      if (file === 'ssh' && result.exitCode === 255) return `ssh could not log in (exit code 255)${words}`;
      // An image may have none; of others the words are their own.
      const isImage = /^(docker|podman|kubectl)$/.test(file);
      const noShell =
        isImage && /exec: "sh"|executable file not found|no such file or directory/i.test(result.stderr);
      if (file === 'kubectl' && noShell)
        return `the image has no shell; kubectl debug -n ${args[3]} -it ${args[4]} --image=busybox --target=CONTAINER brings one`;
      if (noShell) return `there is no shell in it${words}`;
      return result.exitCode === null
        ? `${file} was ended by a signal${words}`
        : `${file} ended with exit code ${result.exitCode}${words}`;
    }
  }
}
