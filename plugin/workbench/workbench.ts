import type {
  ImportAnswer,
  RenderAnswer,
  RenderRequest,
  SampleAnswer,
  SchemaAnswer,
  SeenAnswer,
} from './answer.ts';

/** What the page's workbench asks of the service. */
export interface Workbench {
  /** @throws WorkbenchError @param signal whoever asked does not wait any more */
  render(request: RenderRequest, signal: AbortSignal): Promise<RenderAnswer>;
  /** FileCloud's PHP as YAML. @throws WorkbenchError */
  import(text: string, file: string, signal: AbortSignal): Promise<ImportAnswer>;
  schema(): SchemaAnswer;
  samples(): readonly SampleAnswer[];
  /** The last records that came, the newest first; undefined when none are kept (service.keep_seen). */
  seen(): Promise<readonly SeenAnswer[] | undefined>;
  /** Text of a mapping file of the configuration in use; undefined when it has no such file. */
  mappingText(file: string): string | undefined;
}

/** It could not be done; the message is for people. */
export class WorkbenchError extends Error {
  readonly reason: 'busy' | 'too_slow' | 'failed';

  constructor(reason: WorkbenchError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}
