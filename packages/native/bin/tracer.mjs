/** What the Worker of a tracer runs. It is JavaScript, so that it runs from the sources as well. */
import { run } from '@iommufd/native/tracer';

run();
