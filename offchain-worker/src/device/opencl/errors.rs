//! The faults behind the errors of OpenCL.

use crate::device::fault::ChildFault;
use ocl::core::{self as cl, Status};

/// The status code of an error, if OpenCL returned one.
pub(super) fn status(error: &cl::Error) -> Option<Status> {
    error.api_status()
}

/// The error in one line, because the binding's own text is a page long.
pub(super) fn text(error: &cl::Error) -> String {
    match status(error) {
        Some(status) => status.to_string(),
        None => error.to_string(),
    }
}

/// The fault behind an error that comes before the kernel's program is built.
pub(super) fn opening(error: cl::Error) -> ChildFault {
    match status(&error) {
        Some(
            Status::CL_DEVICE_NOT_FOUND
            | Status::CL_DEVICE_NOT_AVAILABLE
            | Status::CL_INVALID_DEVICE
            | Status::CL_INVALID_PLATFORM
            | Status::CL_PLATFORM_NOT_FOUND_KHR,
        ) => ChildFault::DeviceLost(text(&error)),
        Some(Status::CL_OUT_OF_HOST_MEMORY | Status::CL_MEM_OBJECT_ALLOCATION_FAILURE) => {
            ChildFault::NoRoom(text(&error))
        }
        _ => ChildFault::Executor(text(&error)),
    }
}

/// The fault behind an error while buffers are created and filled. The buffers fit the device.
pub(super) fn transfer(error: cl::Error) -> ChildFault {
    match status(&error) {
        Some(
            Status::CL_OUT_OF_RESOURCES
            | Status::CL_INVALID_BUFFER_SIZE
            | Status::CL_OUT_OF_HOST_MEMORY
            | Status::CL_MEM_OBJECT_ALLOCATION_FAILURE,
        ) => ChildFault::NoRoom(text(&error)),
        _ => opening(error),
    }
}
