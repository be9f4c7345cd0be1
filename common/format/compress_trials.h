// Which of the frames that follow each other are worth an attempt to compress them: noise (packed
// or encrypted data) is not, and trying costs some times as much as copying it.
// Layer: format (pure).  Threads: a value.
#pragma once

#include "common/base/bytes.h"

namespace cairn::format {

// Whether a sample of the bytes, eight pieces spread over them, has no value more often than chance
// would. Never of fewer than 4 KiB. Text, numbers, code are not noise; a repeated piece of noise
// is, for this. Cost: about 0.5 us.
bool looksLikeNoise(ByteView plain);

// The first frame is tried. Once one did not pay, the others are if they do not look like noise,
// until one is tried that pays: then all that follow are, whatever they look like. So what is tried
// depends on nothing but the frames given to this object.
class CompressTrials {
public:
  bool worthTrying(ByteView plain) const { return paid_ || !looksLikeNoise(plain); }
  // How the attempt on that frame ended: whether it became small enough to be stored packed.
  void tried(bool paid) { paid_ = paid; }

private:
  bool paid_ = true;
};

}  // namespace cairn::format
