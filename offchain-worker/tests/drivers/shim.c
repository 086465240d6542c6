// An OpenCL driver over PoCL that fails in the way a file beside it says, for as long as that file is there. See control.rs.
//
// build: every program is refused.   launch: every launch is refused.
// wait: every wait fails.            hang: no wait ends.
// full: there is no room for a buffer of 1 MiB or more.
// wrong: reads give other bytes than the kernels have written.
#define CL_TARGET_OPENCL_VERSION 300
#define _GNU_SOURCE
#include <CL/cl.h>
#include <CL/cl_icd.h>
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void *lib;
static cl_icd_dispatch real;

static void *inner(const char *name) {
    if (!lib) lib = dlopen("libpocl.so.2", RTLD_NOW | RTLD_LOCAL);
    return lib ? dlsym(lib, name) : 0;
}

static int fails(const char *way) {
    Dl_info own;
    char path[4096], said[16] = "";
    if (!dladdr((void *)fails, &own)) return 0;
    snprintf(path, sizeof path, "%s.fails", own.dli_fname);
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    size_t read = fread(said, 1, sizeof said - 1, file);
    said[read] = 0;
    fclose(file);
    return strcmp(said, way) == 0;
}

static cl_int build(cl_program p, cl_uint n, const cl_device_id *d, const char *o, void(CL_CALLBACK *f)(cl_program, void *),
                    void *u) {
    return fails("build") ? CL_BUILD_PROGRAM_FAILURE : real.clBuildProgram(p, n, d, o, f, u);
}

static cl_int launch(cl_command_queue q, cl_kernel k, cl_uint w, const size_t *a, const size_t *b, const size_t *c, cl_uint n,
                     const cl_event *l, cl_event *e) {
    return fails("launch") ? CL_OUT_OF_RESOURCES : real.clEnqueueNDRangeKernel(q, k, w, a, b, c, n, l, e);
}

static cl_int await(cl_uint n, const cl_event *l) {
    if (fails("wait")) return CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST;
    while (fails("hang")) pause();
    return real.clWaitForEvents(n, l);
}

static cl_mem buffer(cl_context c, cl_mem_flags f, size_t s, void *p, cl_int *e) {
    if (s < 1 << 20 || !fails("full")) return real.clCreateBuffer(c, f, s, p, e);
    if (e) *e = CL_MEM_OBJECT_ALLOCATION_FAILURE;
    return 0;
}

static cl_int reads(cl_command_queue q, cl_mem m, cl_bool b, size_t o, size_t s, void *p, cl_uint n, const cl_event *l,
                    cl_event *e) {
    cl_int read = real.clEnqueueReadBuffer(q, m, fails("wrong") ? CL_TRUE : b, o, s, p, n, l, e);
    if (read == CL_SUCCESS && s > 0 && fails("wrong")) *(unsigned char *)p ^= 1;
    return read;
}

CL_API_ENTRY cl_int CL_API_CALL clIcdGetPlatformIDsKHR(cl_uint n, cl_platform_id *p, cl_uint *c) {
    void *(*extension)(const char *) = inner("clGetExtensionFunctionAddress");
    cl_int (*list)(cl_uint, cl_platform_id *, cl_uint *) = extension ? extension("clIcdGetPlatformIDsKHR") : 0;
    if (!list) return -1001;
    cl_int listed = list(n, p, c);
    if (listed == CL_SUCCESS && p && n) {
        cl_icd_dispatch *table = *(cl_icd_dispatch **)p[0];
        if (table->clBuildProgram == build) return listed;
        uintptr_t first = (uintptr_t)table & ~4095ul;
        uintptr_t end = ((uintptr_t)table + sizeof *table + 4095) & ~4095ul;
        mprotect((void *)first, end - first, PROT_READ | PROT_WRITE);
        real = *table;
        table->clBuildProgram = build;
        table->clEnqueueNDRangeKernel = launch;
        table->clWaitForEvents = await;
        table->clEnqueueReadBuffer = reads;
        table->clCreateBuffer = buffer;
    }
    return listed;
}

CL_API_ENTRY void *CL_API_CALL clGetExtensionFunctionAddress(const char *name) {
    if (!strcmp(name, "clIcdGetPlatformIDsKHR")) return clIcdGetPlatformIDsKHR;
    void *(*extension)(const char *) = inner("clGetExtensionFunctionAddress");
    return extension ? extension(name) : 0;
}
