/** A URL without what may be secret in it: user and password, query, fragment. */
export const bareUrl = (text: string): string =>
  text.replace(/[?#].*$/s, '').replace(/^([a-z][a-z0-9+.-]*:)?\/\/[^/]*@/i, '$1//');
