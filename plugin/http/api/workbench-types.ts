// What the workbench answers, for the service and for the page: types only.

export type * from '../../workbench/answer.ts';
