import { type Answer, failure, type Resource } from "./answers.js";

interface Task {
  id: string;
  started: string;
  ended?: string;
  error?: string;
}

const TASKS = "/redfish/v1/TaskService/Tasks";
const MONITORS = "/redfish/v1/TaskService/TaskMonitors";

/** Long-running operations of a BMC, each with a task to look at and a monitor to poll (DSP0266, 202 answers). */
export class Tasks {
  private readonly all = new Map<string, Task>();

  /** Starts `work` and answers 202 with the place of its monitor. */
  start(work: () => Promise<void>): Answer {
    const task: Task = { id: String(this.all.size + 1), started: new Date().toISOString() };
    this.all.set(task.id, task);
    work()
      .catch((error: unknown) => {
        task.error = error instanceof Error ? error.message : String(error);
      })
      .finally(() => {
        task.ended = new Date().toISOString();
      });
    return this.accepted(task);
  }

  /** Answer of a monitor: 202 while it runs, then the result of the operation. */
  monitor(id: string): Answer {
    const task = this.all.get(id);
    if (task === undefined) return failure(404, "ResourceMissingAtURI", `${MONITORS}/${id}`);
    if (task.ended === undefined) return this.accepted(task);
    return task.error === undefined ? { status: 204 } : failure(500, "InternalError", task.error);
  }

  paths(): string[] {
    return [...this.all.keys()].map((id) => `${TASKS}/${id}`);
  }

  resource(id: string): Resource | undefined {
    const task = this.all.get(id);
    return task === undefined ? undefined : describe(task);
  }

  private accepted(task: Task): Answer {
    return {
      status: 202,
      body: describe(task),
      headers: { Location: `${MONITORS}/${task.id}`, "Retry-After": "1" },
    };
  }
}

function describe(task: Task): Resource {
  const done = task.ended !== undefined;
  const state = !done ? "Running" : task.error === undefined ? "Completed" : "Exception";
  return {
    "@odata.id": `${TASKS}/${task.id}`,
    "@odata.type": "#Task.v1_5_0.Task",
    Id: task.id,
    Name: "Reset",
    TaskState: state,
    TaskStatus: task.error === undefined ? "OK" : "Critical",
    StartTime: task.started,
    ...(done ? { EndTime: task.ended } : {}),
    PercentComplete: done ? 100 : 10,
    TaskMonitor: `${MONITORS}/${task.id}`,
    Messages: task.error === undefined ? [] : [{ MessageId: "Base.1.8.InternalError", Message: task.error }],
  };
}
