/** How a script gets to another place: each is a program that runs `sh -s` there, with the script on standard input. */
export interface Carrier {
  /** As given: `ssh:db1`. */
  name: string;
  file: string;
  args: string[];
}

const SSH_OPTIONS = ['BatchMode=yes', 'ConnectTimeout=8', 'ControlPersist=no'];
const WORD = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const KUBERNETES = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
/** Printable, without a blank: ssh gets it after `--`. */
const DESTINATION = /^[\x21-\x7e]{1,255}$/;

/** `ssh:DEST`, `docker:CONTAINER`, `podman:CONTAINER`, `k8s:NAMESPACE/POD[/CONTAINER]`, `netns:NAME`, `cmd:COMMAND`; null where it is none. */
export function parseCarrier(text: string): Carrier | null {
  const [, kind, rest = ''] = /^([a-z0-9]+):(.+)$/s.exec(text) ?? [];
  const carrier = (file: string, ...args: string[]): Carrier => ({ name: text, file, args });
  switch (kind) {
    case 'ssh':
      if (rest.startsWith('-') || !DESTINATION.test(rest)) return null;
      // Without ControlPersist=no a connection to be shared would stay behind in the background.
      return carrier('ssh', '-T', ...SSH_OPTIONS.flatMap((option) => ['-o', option]), '--', rest, 'sh -s');
    case 'docker':
    case 'podman':
      return WORD.test(rest) ? carrier(kind, 'exec', '-i', rest, 'sh', '-s') : null;
    case 'k8s': {
      const [namespace = '', pod = '', container, ...more] = rest.split('/');
      const names = [namespace, pod, ...(container === undefined ? [] : [container])];
      if (more.length > 0 || !names.every((name) => KUBERNETES.test(name))) return null;
      const chosen = container === undefined ? [] : ['-c', container];
      return carrier('kubectl', 'exec', '-i', '-n', namespace, pod, ...chosen, '--', 'sh', '-s');
    }
    case 'netns':
      return WORD.test(rest) ? carrier('ip', 'netns', 'exec', rest, 'sh', '-s') : null;
    case 'cmd': {
      const [file, ...args] = rest.split(/\s+/).filter((word) => word !== '');
      return file === undefined || file.startsWith('-') ? null : carrier(file, ...args);
    }
    default:
      return null;
  }
}
