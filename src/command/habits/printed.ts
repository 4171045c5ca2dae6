/** What is printed whole, behind one door: each door that loads later makes a file more that is open at the start. */
export { completionScript } from './completions.ts';
export { manPage } from './man.ts';
