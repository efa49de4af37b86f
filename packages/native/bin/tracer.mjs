/** The program of a tracer's Worker thread. It is JavaScript, so that it also runs from the sources. */
import { run } from '@iommufd/native/tracer';

run();
