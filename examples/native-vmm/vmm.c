/*
 * A very small virtual machine monitor in C, as it would be for a real machine: it gives a device of VFIO a page table with a queue
 * of page faults, maps a page of its guest's memory whenever the device asks for it, and prints what the device has written there
 * when its input ends.
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

/* What is needed of linux/iommufd.h and linux/vfio.h, so that no headers of a new kernel are. */
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
	struct fault_alloc faults = { .size = sizeof(faults) };
	check("IOMMU_FAULT_QUEUE_ALLOC", ioctl(iommu, IOMMUFD(0x8e), &faults));
	struct hwpt_alloc hwpt = {
		.size = sizeof(hwpt), .flags = 4 /* IOMMU_HWPT_FAULT_ID_VALID */, .dev_id = bind.out_devid,
		.pt_id = ioas.out_ioas_id, .fault_id = faults.out_fault_id,
	};
	check("IOMMU_HWPT_ALLOC", ioctl(iommu, IOMMUFD(0x89), &hwpt));
	struct attach attach = { .argsz = sizeof(attach), .pt_id = hwpt.out_hwpt_id };
	check("VFIO_DEVICE_ATTACH_IOMMUFD_PT", ioctl(device, IOMMUFD(119), &attach));

	char *ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("ready\n");

	for (;;) {
		struct pollfd fds[] = { { .fd = faults.out_fault_fd, .events = POLLIN }, { .fd = 0, .events = POLLIN } };
		check("poll", poll(fds, 2, -1));
		if (fds[0].revents & POLLIN) {
			struct pgfault fault[64];
			ssize_t length = read(faults.out_fault_fd, fault, sizeof(fault));
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
				check("write", write(faults.out_fault_fd, &response, sizeof(response)));
				printf("%s 0x%llx\n", isRam ? "mapped" : "refused", (unsigned long long)fault[i].addr);
			}
		}
		if (fds[1].revents & (POLLIN | POLLHUP))
			break;
	}
	printf("%s\n", ram);
	return 0;
}
