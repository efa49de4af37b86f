/*
 * A very small virtual machine monitor (VMM) in C, written for a real machine. It attaches a VFIO device to a page table with a fault
 * queue, maps a page of its guest's memory whenever the device requests it, and when its input ends prints what the device has written
 * there. Behind an Arm SMMUv3 it uses a nested page table that the guest has not initialized yet: the VMM prints the events for the
 * guest, and the number of events that were lost because the VMM was too slow.
 *
 * cc -O2 -o vmm vmm.c && iommufd run --device mock -- ./vmm
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* The declarations of linux/iommufd.h and linux/vfio.h that are used, so that the headers of a new kernel are not needed. */
#define IOMMUFD(nr) _IO(';', nr)
struct ioas_alloc { uint32_t size, flags, out_ioas_id; };
struct ioas_map { uint32_t size, flags, ioas_id, reserved; uint64_t user_va, length, iova; };
struct hwpt_alloc {
	uint32_t size, flags, dev_id, pt_id, out_hwpt_id, reserved, data_type, data_len;
	uint64_t data_uptr;
	uint32_t fault_id, reserved2;
};
struct fault_alloc { uint32_t size, flags, out_fault_id, out_fault_fd; };
struct pgfault { uint32_t flags, dev_id, pasid, grpid, perm, reserved; uint64_t addr; uint32_t length, cookie; };
struct page_response { uint32_t cookie, code; };
struct hw_info {
	uint32_t size, flags, dev_id, data_len;
	uint64_t data_uptr;
	uint32_t out_data_type;
	uint8_t out_max_pasid_log2, reserved[3];
	uint64_t out_capabilities;
};
struct viommu_alloc {
	uint32_t size, flags, type, dev_id, hwpt_id, out_viommu_id, data_len, reserved;
	uint64_t data_uptr;
};
struct vdevice_alloc { uint32_t size, viommu_id, dev_id, out_vdevice_id; uint64_t virt_id; };
struct veventq_alloc { uint32_t size, flags, viommu_id, type, veventq_depth, out_veventq_id, out_veventq_fd, reserved; };
struct vevent_header { uint32_t flags, sequence; };
struct bind { uint32_t argsz, flags; int32_t iommufd; uint32_t out_devid; };
struct attach { uint32_t argsz, flags, pt_id; };

#define RAM_START 0x40000000ul
#define RAM_SIZE (64 * 4096ul)

static void check(const char *what, int result)
{
	if (result >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

/* The device is behind the guest's virtual SMMU: its stream table entry points to a context descriptor in the guest's memory. */
static int watch_guest(int iommu, uint32_t dev_id, uint32_t ioas_id, char *ram, uint32_t *page_table)
{
	struct ioas_map map = {
		.size = sizeof(map), .flags = 7, .ioas_id = ioas_id,
		.user_va = (uintptr_t)ram, .length = RAM_SIZE, .iova = RAM_START,
	};
	check("IOMMU_IOAS_MAP", ioctl(iommu, IOMMUFD(0x85), &map));
	struct hwpt_alloc parent = {
		.size = sizeof(parent), .flags = 1 /* IOMMU_HWPT_ALLOC_NEST_PARENT */, .dev_id = dev_id, .pt_id = ioas_id,
	};
	check("IOMMU_HWPT_ALLOC", ioctl(iommu, IOMMUFD(0x89), &parent));
	struct viommu_alloc viommu = {
		.size = sizeof(viommu), .type = 1 /* IOMMU_VIOMMU_TYPE_ARM_SMMUV3 */, .dev_id = dev_id, .hwpt_id = parent.out_hwpt_id,
	};
	check("IOMMU_VIOMMU_ALLOC", ioctl(iommu, IOMMUFD(0x90), &viommu));
	struct vdevice_alloc vdevice = {
		.size = sizeof(vdevice), .viommu_id = viommu.out_viommu_id, .dev_id = dev_id, .virt_id = 0x10,
	};
	check("IOMMU_VDEVICE_ALLOC", ioctl(iommu, IOMMUFD(0x91), &vdevice));
	struct veventq_alloc events = {
		.size = sizeof(events), .viommu_id = viommu.out_viommu_id, .type = 1 /* IOMMU_VEVENTQ_TYPE_ARM_SMMUV3 */,
		.veventq_depth = 4,
	};
	check("IOMMU_VEVENTQ_ALLOC", ioctl(iommu, IOMMUFD(0x93), &events));
	/* STE: valid, stage 1 translates. */
	uint64_t ste[2] = { 1 | 5 << 1 | RAM_START, 0 };
	struct hwpt_alloc nested = {
		.size = sizeof(nested), .dev_id = dev_id, .pt_id = viommu.out_viommu_id,
		.data_type = 2 /* IOMMU_HWPT_DATA_ARM_SMMUV3 */, .data_len = sizeof(ste), .data_uptr = (uintptr_t)ste,
	};
	check("IOMMU_HWPT_ALLOC", ioctl(iommu, IOMMUFD(0x89), &nested));
	*page_table = nested.out_hwpt_id;
	return events.out_veventq_fd;
}

/* Reads the available events. Every event has the next sequence number, including those that were lost. */
static void show_events(int queue)
{
	static uint32_t previous = -1;
	char buffer[1024];
	ssize_t length = read(queue, buffer, sizeof(buffer));

	check("read", length);
	for (ssize_t at = 0; at < length;) {
		struct vevent_header header;
		memcpy(&header, buffer + at, sizeof(header));
		at += sizeof(header);
		int isMark = header.flags & 1 /* IOMMU_VEVENTQ_FLAG_LOST_EVENTS: no event follows */;
		uint32_t lost = (header.sequence - previous - !isMark) & 0x7fffffff;
		previous = header.sequence;
		if (lost > 0)
			printf("%u events were lost\n", lost);
		if (isMark)
			continue;
		uint64_t event[4];
		memcpy(event, buffer + at, sizeof(event));
		at += sizeof(event);
		printf("event 0x%x of stream 0x%x\n", (unsigned)(event[0] & 0xff), (unsigned)(event[0] >> 32));
	}
}

int main(int argc, char **argv)
{
	const char *node = argc > 1 ? argv[1] : "/dev/vfio/devices/vfio0";
	int iommu = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	check("/dev/iommu", iommu);
	int device = open(node, O_RDWR | O_CLOEXEC);
	check(node, device);

	struct bind bind = { .argsz = sizeof(bind), .iommufd = iommu };
	check("VFIO_DEVICE_BIND_IOMMUFD", ioctl(device, IOMMUFD(118), &bind));
	struct ioas_alloc ioas = { .size = sizeof(ioas) };
	check("IOMMU_IOAS_ALLOC", ioctl(iommu, IOMMUFD(0x81), &ioas));
	char *ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct hw_info info = { .size = sizeof(info), .dev_id = bind.out_devid };
	check("IOMMU_GET_HW_INFO", ioctl(iommu, IOMMUFD(0x8a), &info));
	int isSmmu = info.out_data_type == 2 /* IOMMU_HW_INFO_TYPE_ARM_SMMUV3 */;

	struct fault_alloc faults = { .size = sizeof(faults) };
	struct attach attach = { .argsz = sizeof(attach) };
	int queue;
	if (isSmmu) {
		queue = watch_guest(iommu, bind.out_devid, ioas.out_ioas_id, ram, &attach.pt_id);
	} else {
		check("IOMMU_FAULT_QUEUE_ALLOC", ioctl(iommu, IOMMUFD(0x8e), &faults));
		struct hwpt_alloc hwpt = {
			.size = sizeof(hwpt), .flags = 4 /* IOMMU_HWPT_FAULT_ID_VALID */, .dev_id = bind.out_devid,
			.pt_id = ioas.out_ioas_id, .fault_id = faults.out_fault_id,
		};
		check("IOMMU_HWPT_ALLOC", ioctl(iommu, IOMMUFD(0x89), &hwpt));
		attach.pt_id = hwpt.out_hwpt_id;
		queue = faults.out_fault_fd;
	}
	check("VFIO_DEVICE_ATTACH_IOMMUFD_PT", ioctl(device, IOMMUFD(119), &attach));

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("ready\n");

	for (;;) {
		struct pollfd fds[] = { { .fd = queue, .events = POLLIN }, { .fd = 0, .events = POLLIN } };
		check("poll", poll(fds, 2, -1));
		if (isSmmu && fds[0].revents & POLLIN) {
			show_events(queue);
		} else if (fds[0].revents & POLLIN) {
			struct pgfault fault[64];
			ssize_t length = read(queue, fault, sizeof(fault));
			check("read", length);
			for (size_t i = 0; i < length / sizeof(fault[0]); i++) {
				uint64_t offset = fault[i].addr - RAM_START;
				struct ioas_map map = {
					.size = sizeof(map), .flags = 7 /* fixed, readable, writable */, .ioas_id = ioas.out_ioas_id,
					.user_va = (uintptr_t)ram + offset, .length = 4096, .iova = fault[i].addr,
				};
				int isRam = offset < RAM_SIZE;
				if (isRam && ioctl(iommu, IOMMUFD(0x85), &map) < 0 && errno != EEXIST)
					check("IOMMU_IOAS_MAP", -1);
				if (!(fault[i].flags & 2 /* IOMMU_PGFAULT_FLAGS_LAST_PAGE */))
					continue;
				struct page_response response = { .cookie = fault[i].cookie, .code = isRam ? 0 : 1 };
				check("write", write(queue, &response, sizeof(response)));
				printf("%s 0x%llx\n", isRam ? "mapped" : "refused", (unsigned long long)fault[i].addr);
			}
		}
		if (fds[1].revents & (POLLIN | POLLHUP))
			break;
	}
	printf("%s\n", ram);
	return 0;
}
