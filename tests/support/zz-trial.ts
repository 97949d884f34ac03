import { startTestBed } from './test-bed.ts';
const t=(...l:unknown[])=>console.log(Math.round(performance.now()),...l);
const bed=await startTestBed({});
const c=await bed.openMachine();
const timer=setInterval(async()=>{ try{ t('   ', await c.mode(), await c.at('master').getAttribute('data-permission'), await c.at('message').textContent(), 'enabled', await c.at('rearm').isEnabled(), bed.vehicle.state.mode, bed.vehicle.state.speedMps.toFixed(2)); }catch(e){} },400);
for (let i=0;i<3;i++){
await c.drive('forward',bed.vehicle); t('driving');
const still=bed.vehicle.untilStandstill();
process.kill(bed.system.agent.pids().guard!, 'SIGKILL'); t('killed');
await still; t('still');
await c.letGo();
await c.untilFresh(); t('fresh');
await c.drive('backward',bed.vehicle); t('driving');
await c.letGo();
}
clearInterval(timer);
await bed.close();
